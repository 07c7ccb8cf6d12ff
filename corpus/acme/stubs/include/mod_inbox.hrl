%% Stand-in: an inbox entry as it is up to 6.0.0.
-type inbox_res() :: #{remote_jid := binary(),
                       msg_id := binary(),
                       timestamp := integer(),
                       unread_count := integer(),
                       _ => _}.
