%%% Stand-in: stanza errors.
-module(mongoose_xmpp_errors).

-include("jlib.hrl").

-export([bad_request/0, service_unavailable/0, not_acceptable_cancel/0, not_acceptable_blocked/0, not_allowed/0,
         forbidden/0]).

%% Texts have no language since 6.8.0; they are not shown here.
-ifdef(SINCE_6_8_0).
-export([service_unavailable/1, not_acceptable/1, not_allowed/1, forbidden/1, policy_violation/1,
         feature_not_implemented/1]).

service_unavailable(_Text) -> service_unavailable().
not_acceptable(_Text) -> stanza_error(<<"modify">>, <<"not-acceptable">>).
not_allowed(_Text) -> not_allowed().
forbidden(_Text) -> forbidden().
policy_violation(_Text) -> stanza_error(<<"modify">>, <<"policy-violation">>).
feature_not_implemented(_Text) -> stanza_error(<<"cancel">>, <<"feature-not-implemented">>).
-else.
-export([service_unavailable/2, not_acceptable/2, not_allowed/2, forbidden/2, policy_violation/2,
         feature_not_implemented/2]).

service_unavailable(_Lang, _Text) -> service_unavailable().
not_acceptable(_Lang, _Text) -> stanza_error(<<"modify">>, <<"not-acceptable">>).
not_allowed(_Lang, _Text) -> not_allowed().
forbidden(_Lang, _Text) -> forbidden().
policy_violation(_Lang, _Text) -> stanza_error(<<"modify">>, <<"policy-violation">>).
feature_not_implemented(_Lang, _Text) -> stanza_error(<<"cancel">>, <<"feature-not-implemented">>).
-endif.

bad_request() -> stanza_error(<<"modify">>, <<"bad-request">>).
service_unavailable() -> stanza_error(<<"cancel">>, <<"service-unavailable">>).
not_acceptable_cancel() -> stanza_error(<<"cancel">>, <<"not-acceptable">>).
not_acceptable_blocked() -> stanza_error(<<"cancel">>, <<"not-acceptable">>).
not_allowed() -> stanza_error(<<"cancel">>, <<"not-allowed">>).
forbidden() -> stanza_error(<<"auth">>, <<"forbidden">>).

stanza_error(Type, Condition) ->
    Child = #xmlel{name = Condition, attrs = ?ATTRS([{<<"xmlns">>, ?NS_STANZAS}])},
    #xmlel{name = <<"error">>, attrs = ?ATTRS([{<<"type">>, Type}]), children = [Child]}.
