%% Stand-in: the names of hooks that lost a suffix with 6.3.0, and of the functions that run them.
-ifndef(HOOKSHIFT_RUNTIME_HOOK_NAMES).
-define(HOOKSHIFT_RUNTIME_HOOK_NAMES, true).

-ifdef(SINCE_6_3_0).
-define(anonymous_purge, anonymous_purge).
-define(forbidden_session, forbidden_session).
-define(offline_message, offline_message).
-define(resend_offline_messages, resend_offline_messages).
-define(set_presence, set_presence).
-define(sm_register_connection, sm_register_connection).
-define(sm_remove_connection, sm_remove_connection).
-define(unset_presence, unset_presence).
-else.
-define(anonymous_purge, anonymous_purge_hook).
-define(forbidden_session, forbidden_session_hook).
-define(offline_message, offline_message_hook).
-define(resend_offline_messages, resend_offline_messages_hook).
-define(set_presence, set_presence_hook).
-define(sm_register_connection, sm_register_connection_hook).
-define(sm_remove_connection, sm_remove_connection_hook).
-define(unset_presence, unset_presence_hook).
-endif.

-endif.
