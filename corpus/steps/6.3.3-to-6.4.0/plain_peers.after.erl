%%% Notes from where sessions are opened.
-module(plain_peers).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([opened/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_open_session, HostType, fun ?MODULE:opened/3, #{}, 50}].

opened(Acc, #{c2s_data := C2SData}, _Extra) ->
    Socket = mongoose_c2s:get_socket(C2SData),
    {Address, _Port} = mongoose_xmpp_socket:get_ip(Socket),
    Kind = case mongoose_xmpp_socket:get_conn_type(Socket) of
               tls -> secure;
               tcp -> plain
           end,
    acme_probe:note({opened, Address, Kind, mongoose_xmpp_socket:is_ssl(Socket)}),
    {ok, Acc}.
