%%% Stand-in: what is known about the IQ of an accumulator.
-module(mongoose_iq).

-include("jlib.hrl").

-export([info/1, xmlns/1, command/1, update_acc_info/1, empty_result_iq/1]).

info(Acc) -> known(record, Acc).
xmlns(Acc) -> known(xmlns, Acc).
command(Acc) -> known(command, Acc).

empty_result_iq(IQ) -> IQ#iq{type = result, sub_el = []}.

known(Key, Acc) ->
    Known = update_acc_info(Acc),
    {mongoose_acc:get(iq, Key, Known), Known}.

update_acc_info(Acc) ->
    Ref = mongoose_acc:stanza_ref(Acc),
    case mongoose_acc:get(iq, ref, none, Acc) of
        Ref -> Acc;
        _ -> mongoose_acc:set(iq, [{ref, Ref} | facts(mongoose_acc:element(Acc))], Acc)
    end.

facts(El) ->
    case jlib:iq_query_or_response_info(El) of
        #iq{xmlns = Namespace, sub_el = SubEl} = IQ ->
            [{record, IQ}, {xmlns, Namespace}, {command, command_name(SubEl)}];
        NoIq ->
            [{record, NoIq}, {xmlns, undefined}, {command, undefined}]
    end.

command_name(#xmlel{name = Name}) -> Name;
command_name([#xmlel{name = Name} | _]) -> Name;
command_name([]) -> undefined.
