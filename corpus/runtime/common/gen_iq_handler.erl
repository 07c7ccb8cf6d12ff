%%% Stand-in: who answers IQs for the server. The driver asks them itself.
-module(gen_iq_handler).

-export([add_iq_handler_for_domain/6, remove_iq_handler_for_domain/3]).
%% For the driver.
-export([ask/2]).

-include("jlib.hrl").

add_iq_handler_for_domain(HostType, Namespace, Component, Fun, Extra, _How) when is_function(Fun, 5) ->
    acme_probe:keep({iq_handler, Namespace}, {Fun, Extra#{host_type => HostType}}),
    acme_probe:record({iq_handler_added, Namespace, Component}),
    ok.

remove_iq_handler_for_domain(_HostType, Namespace, Component) ->
    acme_probe:record({iq_handler_removed, Namespace, Component}),
    ok.

ask(Acc, #iq{xmlns = Namespace} = IQ) ->
    {Fun, Extra} = acme_probe:kept({iq_handler, Namespace}),
    {Acc1, Answer} = Fun(Acc, mongoose_acc:from_jid(Acc), mongoose_acc:to_jid(Acc), IQ, Extra),
    acme_probe:record({answered, acme_probe:to_text(jlib:iq_to_xml(Answer)), acme_probe:own_keys(Acc1)}).
