%% Stand-in: in the server this header brings the logging macros along.
-include("mongoose_logger.hrl").
