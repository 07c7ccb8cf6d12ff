%%% Stand-in: the way of a stanza since 6.7.0: everything about it is in the accumulator.
-module(mongoose_router).

-export([route/1]).

route(Acc) -> routing:route(mongoose_acc:from_jid(Acc), mongoose_acc:to_jid(Acc), Acc).
