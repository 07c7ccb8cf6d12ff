%%% A module of ejabberd, where this is the interface to hooks.
-module(kept_ejabberd).
-behaviour(gen_mod).

-include("logger.hrl").
-include_lib("xmpp/include/xmpp.hrl").

-export([start/2, stop/1, reload/3, depends/2, mod_options/1, mod_doc/0]).
-export([user_send_packet/1, remove_user/2]).

start(Host, _Opts) ->
    ejabberd_hooks:add(user_send_packet, Host, ?MODULE, user_send_packet, 50),
    ejabberd_hooks:add(remove_user, Host, ?MODULE, remove_user, 50).

stop(Host) ->
    ejabberd_hooks:delete(user_send_packet, Host, ?MODULE, user_send_packet, 50),
    ejabberd_hooks:delete(remove_user, Host, ?MODULE, remove_user, 50).

reload(_Host, _NewOpts, _OldOpts) -> ok.

depends(_Host, _Opts) -> [].

mod_options(_Host) -> [].

mod_doc() -> #{}.

-spec user_send_packet({stanza(), ejabberd_c2s:state()}) -> {stanza(), ejabberd_c2s:state()}.
user_send_packet({#message{} = Msg, C2SState}) ->
    ?DEBUG("seen ~p", [xmpp:get_type(Msg)]),
    {Msg, C2SState};
user_send_packet(Acc) ->
    Acc.

remove_user(_User, _Server) -> ok.
