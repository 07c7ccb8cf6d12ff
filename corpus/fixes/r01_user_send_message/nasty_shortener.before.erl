%% Shortens messages that are too long for our gateway.
-module(nasty_shortener).

-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").

-export([start/2, stop/1]).
-export([shorten/3]).

%% Before everything else, so that the archive sees what is sent.
-define(PRIO, 5).

start(HostType, Opts) ->
    put(limit, maps:get(limit, Opts, 160)),
    [gen_hook:add_handler(Hook, HostType, Fun, Extra, Prio) || {Hook, Fun, Extra, Prio} <- handlers()],
    ok.

stop(HostType) ->
    [gen_hook:delete_handler(Hook, HostType, Fun, Extra, Prio) || {Hook, Fun, Extra, Prio} <- handlers()],
    ok.

handlers() ->
    [{user_send_packet, fun ?MODULE:shorten/3, #{unit => bytes}, ?PRIO}].

shorten(Acc, _, #{unit := Unit}) ->
    {_, _, El} = mongoose_acc:packet(Acc),
    {ok, shorten_element(El, Unit, Acc)}.

%% Messages to rooms are the room's business
shorten_element(#xmlel{name = <<"message">>} = El, Unit, Acc) ->
    case exml_query:attr(El, <<"type">>) of
        <<"groupchat">> ->
            Acc;
        Type when Type =:= undefined; Type =:= <<"chat">> ->
            do_shorten(El, Unit, Acc);
        _Other ->
            Acc
    end;
%% neither are IQs and presences
shorten_element(_El, _Unit, Acc) ->
    Acc.

do_shorten(#xmlel{children = Children} = El, Unit, Acc) ->
    {From, To, _} = mongoose_acc:packet(Acc),
    Short = El#xmlel{children = [short(Child) || Child <- Children]},
    acme_probe:note({shortened, Unit, length(Children)}),
    mongoose_acc:update_stanza(#{element => Short, from_jid => From, to_jid => To}, Acc).

short(#xmlel{name = <<"body">>, children = [#xmlcdata{content = <<Start:2/binary, _/binary>>}]} = Body) ->
    Body#xmlel{children = [#xmlcdata{content = Start}]};
short(Other) ->
    Other.
