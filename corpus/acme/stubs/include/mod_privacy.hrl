%% Stand-in: privacy lists as sessions carry them.
-record(userlist, {name = none, list = [], needdb = false}).
