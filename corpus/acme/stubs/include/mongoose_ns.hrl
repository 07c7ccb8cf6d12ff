%% Stand-in: the namespaces that the acme modules use.
-ifndef(ACME_STUB_NS).
-define(ACME_STUB_NS, true).

-define(NS_CLIENT, <<"jabber:client">>).
-define(NS_DISCO_INFO, <<"http://jabber.org/protocol/disco#info">>).
-define(NS_RECEIPTS, <<"urn:xmpp:receipts">>).
-define(NS_CHAT_MARKERS, <<"urn:xmpp:chat-markers:0">>).

-endif.
