%% Stand-in: the record shapes and namespaces that handlers use, nothing else.
-ifndef(HOOKSHIFT_RUNTIME_JLIB).
-define(HOOKSHIFT_RUNTIME_JLIB, true).

-include("mongoose_ns.hrl").

-record(xmlcdata, {content = <<>>, style = escaped}).
%% Stand-ins take attributes apart and put them together by these.
-ifdef(SINCE_6_3_2).
-define(ATTRS(Pairs), maps:from_list(Pairs)).
-define(PAIRS(Attrs), maps:to_list(Attrs)).
-record(xmlel, {name, attrs = #{}, children = []}).
-else.
-define(ATTRS(Pairs), (Pairs)).
-define(PAIRS(Attrs), (Attrs)).
-record(xmlel, {name, attrs = [], children = []}).
-endif.
-record(jid, {luser = <<>>, lserver = <<>>, lresource = <<>>}).
-record(iq, {id = <<>>, type, xmlns = <<>>, lang = <<>>, sub_el}).

-endif.
