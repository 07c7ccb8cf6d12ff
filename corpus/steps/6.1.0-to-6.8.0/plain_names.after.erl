%%% Says under which names other servers know ours.
-module(plain_names).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([named/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{disco_local_items, HostType, fun ?MODULE:named/3, #{}, 50}].

named(Acc, _Params, _Extra) ->
    Domains = [<<"acme.example">>, <<"blumen", 228, "den.example">>],
    acme_probe:note({known_as, [name(Domain) || Domain <- Domains]}),
    acme_probe:note({all, lists:map(fun(Domain1) -> mongoose_s2s_lib:domain_utf8_to_ascii(Domain1, binary) end, Domains)}),
    {ok, Acc}.

name(Domain) ->
    case mongoose_s2s_lib:domain_utf8_to_ascii(Domain, binary) of
        false -> unknown;
        Ascii -> Ascii
    end.
