%% "Ada", our helper in the group rooms. She
%%   - labels what guests say,
%%   - welcomes people,
%%   - answers "!help" in private.
-module(mod_acme_muc_bot).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("acme.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([label_guest/3, welcome/3, command/3]).

-define(BOT_USER, <<"ada">>).
-define(BOT_HOOK(Name, Handler), {Name, HostType, fun ?MODULE:Handler/3, #{}, ?ACME_PRIO}).

start(HostType, _Opts) ->
  gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
  gen_hook:delete_handlers(hooks(HostType)).

supported_features() ->
  [dynamic_domains].

hooks(HostType) ->
  [
    ?BOT_HOOK(filter_room_packet, label_guest),
    ?BOT_HOOK(join_room, welcome),
    ?BOT_HOOK(room_packet, command)
  ].

%% Guests are those without an affiliation to the room.
label_guest(#xmlel{name = <<"message">>, children = Children} = Packet,
            #{event_data := #{affiliation := none, from_nick := Nick}}, _Extra) ->
  Label = #xmlel{name = <<"label">>,
                 attrs = [{<<"xmlns">>, ?NS_ACME_LABEL}, {<<"nick">>, Nick}],
                 children = [#xmlcdata{content = <<"guest">>}]},
  {ok, Packet#xmlel{children = Children ++ [Label]}};
label_guest(Packet, _Params, _Extra) ->
  {ok, Packet}.

welcome(Acc, #{room := Room, jid := Jid}, #{host_type := HostType}) ->
  whisper(HostType, Jid, <<"Welcome to ", Room/binary, ". Say !help if you need me.">>),
  {ok, Acc}.

command(Acc, #{from_jid := From, packet := Packet}, #{host_type := HostType}) ->
  case exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>) of
    <<"!help", _/binary>> -> whisper(HostType, From, <<"I know: !help">>);
    _ -> ok
  end,
  {ok, Acc}.

%% Goes out like a message that Ada typed herself, hence the hook: it is archived in MAM and
%% appears in the inbox.
whisper(HostType, #jid{lserver = LServer} = To, Text) ->
  From = jid:make_noprep(?BOT_USER, LServer, <<"bot">>),
  El = #xmlel{name = <<"message">>,
              attrs = [{<<"type">>, <<"chat">>}, {<<"to">>, jid:to_binary(To)}],
              children = [#xmlel{name = <<"body">>, children = [#xmlcdata{content = Text}]}]},
  Acc = mongoose_acc:new(#{location => ?LOCATION, host_type => HostType, lserver => LServer,
                           from_jid => From, to_jid => To, element => El}),
  List = mongoose_hooks:privacy_get_user_list(HostType, To),
  {Acc1, Decision} = mongoose_privacy:privacy_check_packet(Acc, To, List, From, To, in),
  case Decision of
    allow ->
      Acc2 = mongoose_hooks:user_send_packet(Acc1, From, To, El),
      ejabberd_router:route(From, To, Acc2, El);
    _ ->
      ?LOG_DEBUG(#{what => acme_bot_blocked, by => jid:to_binary(To)})
  end,
  ok.
