%% Shared by all acme modules. Keep the numbers in step with the table on the wiki.
-ifndef(ACME_HRL).
-define(ACME_HRL, true).

-define(ACME_EARLY, 15).  % before MAM (60) and the inbox (70)
-define(ACME_PRIO, 45).
-define(ACME_LATE, 95).

-define(AUDIT, acme_audit_writer).

-define(NS_ACME_ACCOUNT, <<"urn:acme:account:1">>).
-define(NS_ACME_LABEL, <<"urn:acme:label:0">>).

-endif.
