%% Stand-in: the namespaces that handlers of the corpus and the stand-in server use.
-ifndef(HOOKSHIFT_RUNTIME_NS).
-define(HOOKSHIFT_RUNTIME_NS, true).

-define(NS_BIND, <<"urn:ietf:params:xml:ns:xmpp-bind">>).
-define(NS_SESSION, <<"urn:ietf:params:xml:ns:xmpp-session">>).
-define(NS_STANZAS, <<"urn:ietf:params:xml:ns:xmpp-stanzas">>).
-define(NS_PRIVACY, <<"jabber:iq:privacy">>).
-define(NS_BLOCKING, <<"urn:xmpp:blocking">>).
-define(NS_REGISTER, <<"jabber:iq:register">>).
-define(NS_ROSTER, <<"jabber:iq:roster">>).
-define(NS_VERSION, <<"jabber:iq:version">>).
-define(NS_PING, <<"urn:xmpp:ping">>).
-define(NS_DELAY, <<"urn:xmpp:delay">>).
-define(NS_RECEIPTS, <<"urn:xmpp:receipts">>).
-define(NS_CHAT_MARKERS, <<"urn:xmpp:chat-markers:0">>).
-define(NS_HINTS, <<"urn:xmpp:hints">>).
-define(NS_STREAM_MGNT_3, <<"urn:xmpp:sm:3">>).
-define(NS_CSI, <<"urn:xmpp:csi:0">>).
-define(NS_ESL_INBOX, <<"erlang-solutions.com:xmpp:inbox:0">>).

-endif.
