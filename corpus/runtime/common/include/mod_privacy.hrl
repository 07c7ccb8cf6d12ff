%% Stand-in: a privacy list. Here `list' holds the bare JIDs that are blocked, as binaries.
-ifndef(HOOKSHIFT_RUNTIME_PRIVACY).
-define(HOOKSHIFT_RUNTIME_PRIVACY, true).

-record(userlist, {name = none, list = [], needdb = false}).

-endif.
