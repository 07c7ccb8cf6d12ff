%% Stand-in: a roster item.
-record(roster, {usj, us, jid, name = <<>>, subscription = none, ask = none, groups = [], askmessage = <<>>,
                 xs = []}).
