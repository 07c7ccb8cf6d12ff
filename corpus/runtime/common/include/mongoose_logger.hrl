%% Stand-in for the server's logging macros.
-ifndef(HOOKSHIFT_RUNTIME_LOGGER).
-define(HOOKSHIFT_RUNTIME_LOGGER, true).

-include_lib("kernel/include/logger.hrl").

-endif.
