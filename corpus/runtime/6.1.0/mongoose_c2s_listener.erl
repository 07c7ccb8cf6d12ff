%%% Stand-in: the listener with an access rule asks whether a session may be opened. Others do not.
-module(mongoose_c2s_listener).

-export([hooks/1, handle_user_open_session/3]).

hooks(HostType) ->
    [{user_open_session, HostType, fun ?MODULE:handle_user_open_session/3, #{listener => tcp}, 10}].

handle_user_open_session(Acc, #{c2s_data := Data}, #{host_type := HostType, listener := Listener}) ->
    case mongoose_c2s:get_listener_opts(Data) of
        #{listener := Listener} ->
            Jid = mongoose_c2s:get_jid(Data),
            case mongoose_hooks:session_opening_allowed_for_user(HostType, Jid) of
                allow -> {ok, Acc};
                _ -> {stop, Acc}
            end;
        #{} ->
            {ok, Acc}
    end.
