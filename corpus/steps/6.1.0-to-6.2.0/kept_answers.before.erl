%%% Reads the forms that clients fill in.
-module(kept_answers).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([submitted/3, values/2]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:submitted/3, #{}, 50}].

submitted(Acc, _Params, _Extra) ->
    case exml_query:subelement(mongoose_acc:element(Acc), <<"x">>) of
        undefined -> ok;
        Form -> acme_probe:note({form, values(<<"colour">>, Form)})
    end,
    {ok, Acc}.

values(Name, Form) ->
    case jlib:parse_xdata_submit(Form) of
        invalid -> [];
        Fields -> proplists:get_value(Name, Fields, [])
    end.
