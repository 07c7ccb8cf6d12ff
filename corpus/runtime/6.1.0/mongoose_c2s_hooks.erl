%%% Stand-in: the hooks of a session. `ok' or `stop' comes back to the session, but for the hooks of
%%% one that ends anyway.
-module(mongoose_c2s_hooks).

-export([user_send_packet/3, user_receive_packet/3,
         user_send_message/3, user_send_iq/3, user_send_presence/3, user_send_xmlel/3,
         user_receive_message/3, user_receive_iq/3, user_receive_presence/3, user_receive_xmlel/3,
         xmpp_presend_element/3, foreign_event/3, user_open_session/3, user_stop_request/3,
         user_terminate/3, reroute_unacked_messages/3]).

-type params() :: #{c2s_data := mongoose_c2s:data(), c2s_state := term(), event_type := term(),
                    event_tag => atom(), event_content := term(), reason := term()}.
-type result() :: {ok | stop, map()}.
-export_type([params/0, result/0]).

user_send_packet(HostType, Acc, Params) -> gen_hook:run_fold(user_send_packet, HostType, Acc, Params).

user_receive_packet(HostType, Acc, Params) -> gen_hook:run_fold(user_receive_packet, HostType, Acc, Params).

user_send_message(HostType, Acc, Params) -> gen_hook:run_fold(user_send_message, HostType, Acc, Params).

user_send_iq(HostType, Acc, Params) ->
    gen_hook:run_fold(user_send_iq, HostType, mongoose_iq:update_acc_info(Acc), Params).

user_send_presence(HostType, Acc, Params) -> gen_hook:run_fold(user_send_presence, HostType, Acc, Params).

user_send_xmlel(HostType, Acc, Params) -> gen_hook:run_fold(user_send_xmlel, HostType, Acc, Params).

user_receive_message(HostType, Acc, Params) -> gen_hook:run_fold(user_receive_message, HostType, Acc, Params).

user_receive_iq(HostType, Acc, Params) ->
    gen_hook:run_fold(user_receive_iq, HostType, mongoose_iq:update_acc_info(Acc), Params).

user_receive_presence(HostType, Acc, Params) -> gen_hook:run_fold(user_receive_presence, HostType, Acc, Params).

user_receive_xmlel(HostType, Acc, Params) -> gen_hook:run_fold(user_receive_xmlel, HostType, Acc, Params).

xmpp_presend_element(HostType, Acc, Params) -> gen_hook:run_fold(xmpp_presend_element, HostType, Acc, Params).

foreign_event(HostType, Acc, Params) -> gen_hook:run_fold(foreign_event, HostType, Acc, Params).

user_open_session(HostType, Acc, Params) -> gen_hook:run_fold(user_open_session, HostType, Acc, Params).

user_stop_request(HostType, Acc, Params) -> gen_hook:run_fold(user_stop_request, HostType, Acc, Params).

user_terminate(HostType, Acc, Params) ->
    {_, Result} = gen_hook:run_fold(user_terminate, HostType, Acc, Params),
    Result.

reroute_unacked_messages(HostType, Acc, Params) ->
    {_, Result} = gen_hook:run_fold(reroute_unacked_messages, HostType, Acc, Params),
    Result.
