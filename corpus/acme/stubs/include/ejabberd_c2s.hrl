%% Stand-in for a header that MongooseIM has up to 6.0.0. Most fields of the record are left out.
-include("mod_privacy.hrl").

-record(state, {host_type, jid, user = <<>>, server = <<>>, resource = <<>>, sid,
                privacy_list = #userlist{}, ip, aux_fields = [], lang}).

-type state() :: #state{}.
