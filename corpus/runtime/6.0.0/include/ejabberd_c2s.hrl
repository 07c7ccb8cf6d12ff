%% Stand-in for a header that only releases up to 6.0.0 have. Most fields of the record are left out.
-include("mod_privacy.hrl").

-record(state, {socket, host_type, jid, user = <<>>, server = <<>>, resource = <<>>, sid,
                pres_last, pres_pri, privacy_list = #userlist{}, conn = unknown, ip,
                aux_fields = [], lang = <<>>, streamid, handlers = #{}}).

-type state() :: #state{}.
