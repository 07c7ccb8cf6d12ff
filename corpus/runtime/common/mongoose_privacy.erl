%%% Stand-in: asks the privacy lists. The two values of the result changed their places in 6.1.0.
-module(mongoose_privacy).

-include("jlib.hrl").

-export([privacy_check_packet/5, privacy_check_packet/6]).

privacy_check_packet(Acc, Jid, List, To, Direction) ->
    From = case Acc of
               {InTuple, #xmlel{}} -> mongoose_acc:from_jid(InTuple);
               _ -> mongoose_acc:from_jid(Acc)
           end,
    privacy_check_packet(Acc, Jid, List, From, To, Direction).

privacy_check_packet({Acc, #xmlel{name = Name} = El}, Jid, List, From, To, Direction) ->
    check(Acc, Jid, List, {From, To, Name, exml_query:attr(El, <<"type">>)}, Direction);
privacy_check_packet(Acc, Jid, List, From, To, Direction) ->
    What = {From, To, mongoose_acc:stanza_name(Acc), mongoose_acc:stanza_type(Acc)},
    check(Acc, Jid, List, What, Direction).

check(Acc, #jid{luser = LUser, lserver = LServer} = Jid, List, What, Direction) ->
    Key = {cached_check, LServer, LUser, What, Direction},
    case mongoose_acc:get(privacy, Key, undefined, Acc) of
        undefined ->
            Asked = mongoose_hooks:privacy_check_packet(Acc, Jid, List, What, Direction),
            Decision = mongoose_acc:get(hook, result, Asked),
            result(Decision, mongoose_acc:set(privacy, Key, Decision, Asked));
        Decision ->
            result(Decision, Acc)
    end.

-ifdef(RELEASE_6_1_0).
result(Decision, Acc) -> {Decision, Acc}.
-else.
result(Decision, Acc) -> {Acc, Decision}.
-endif.
