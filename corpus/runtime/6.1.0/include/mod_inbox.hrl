%% Stand-in: an inbox entry, with the elements that handlers add to it.
-type inbox_res() :: #{remote_jid := binary(), msg_id := binary(), unread_count := integer(),
                       timestamp := integer(), box := binary(), extra := [exml:element()], _ => _}.
