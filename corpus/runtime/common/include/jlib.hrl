%% Stand-in: the record shapes and namespaces that handlers use, nothing else.
-ifndef(HOOKSHIFT_RUNTIME_JLIB).
-define(HOOKSHIFT_RUNTIME_JLIB, true).

-include("mongoose_ns.hrl").

-record(xmlcdata, {content = <<>>, style = escaped}).
-record(xmlel, {name, attrs = [], children = []}).
-record(jid, {luser = <<>>, lserver = <<>>, lresource = <<>>}).
-record(iq, {id = <<>>, type, xmlns = <<>>, lang = <<>>, sub_el}).

-endif.
