%%% Answers for domains of its own, which operators open and close.
-module(plain_gateway).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([open/1, close/1, is_open/1]).

start(_HostType, #{domains := Domains}) ->
    lists:foreach(fun open/1, Domains);
start(_HostType, _Opts) ->
    ok.

stop(_HostType) ->
    ok.

open(Domain) ->
    Handler = mongoose_packet_handler:new(?MODULE),
    ejabberd_router:register_component(Domain, Handler),
    acme_probe:note({opened, Domain}).

close(Domain) ->
    ejabberd_router:unregister_component(Domain),
    acme_probe:note({closed, Domain}).

is_open(Domain) ->
    ejabberd_router:is_component_dirty(Domain).
