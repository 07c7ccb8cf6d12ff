%% Stand-in: an inbox entry.
-type inbox_res() :: #{remote_jid := binary(), msg_id := binary(), unread_count := integer(),
                       timestamp := integer(), box := binary(), _ => _}.
