%%% Stand-in.
-module(mongoose_config).

-export([get_opt/1, get_opt/2]).

get_opt(_Path) -> undefined.

get_opt(_Path, Default) -> Default.
