%% Stand-in for the server's logging macros.
-ifndef(HOOKSHIFT_RUNTIME_LOGGER).
-define(HOOKSHIFT_RUNTIME_LOGGER, true).

-include_lib("kernel/include/logger.hrl").

-define(UNEXPECTED_INFO(Msg), ?LOG_WARNING(#{what => unexpected_info, msg => Msg})).
-define(UNEXPECTED_CAST(Msg), ?LOG_WARNING(#{what => unexpected_cast, msg => Msg})).
-define(UNEXPECTED_CALL(Msg, From), ?LOG_WARNING(#{what => unexpected_call, msg => Msg, call_from => From})).

-endif.
