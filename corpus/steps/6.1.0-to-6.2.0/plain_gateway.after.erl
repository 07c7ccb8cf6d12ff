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
    mongoose_component:register_components([Domain], node(), Handler, false),
    acme_probe:note({opened, Domain}).

close(Domain) ->
    mongoose_component:unregister_components(mongoose_component:lookup_component(jid:nameprep(Domain), node())),
    acme_probe:note({closed, Domain}).

is_open(Domain) ->
    mongoose_component:has_component(Domain).
