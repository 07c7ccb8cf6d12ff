%% Stand-in: the record shapes that the acme modules use, nothing else.
-ifndef(ACME_STUB_JLIB).
-define(ACME_STUB_JLIB, true).

-include("mongoose_ns.hrl").

-record(xmlcdata, {content = <<>>, style = escaped}).
-record(xmlel, {name, attrs = [], children = []}).
-record(jid, {luser = <<>>, lserver = <<>>, lresource = <<>>}).
-record(iq, {id = <<>>, type, xmlns = <<>>, lang = <<>>, sub_el}).

-endif.
