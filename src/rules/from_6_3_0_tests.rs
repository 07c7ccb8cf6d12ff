//! What changed between 6.3.0 and 6.4.0, seen through the rules.

use super::testing::{check_rule, fixed, fixed_unsafely, unfixed, untouched};

const REMOVED: &str = "removed-function";
const PARAMS: &str = "changed-params";

/// A fixture about two releases.
fn between(from: &str, to: &str, code: &str) -> String {
    format!("//- from {from} to {to}\n{}", code.trim_start_matches('\n'))
}

fn to_6_3_1(code: &str) -> String {
    between("6.3.0", "6.3.1", code)
}

fn to_6_3_2(code: &str) -> String {
    between("6.3.0", "6.3.2", code)
}

fn to_6_3_3(code: &str) -> String {
    between("6.3.2", "6.3.3", code)
}

fn to_6_4_0(code: &str) -> String {
    between("6.3.3", "6.4.0", code)
}

#[test]
fn what_changes_elements_is_in_jlib() {
    fixed(
        REMOVED,
        &to_6_3_1(
            r#"
-module(mod_acme_stamp).
-export([stamp/2, plain/1]).
stamp(El, Id) ->
    El1 = xml:replace_tag_attr(<<"stamp">>, Id, El),
    xml:append_subtags(El1, [#xmlel{name = <<"acme">>}]).
plain(#xmlel{children = Els}) ->
    lists:map(fun stamp/2, xml:remove_cdata(Els)).
"#,
        ),
        r#"
-module(mod_acme_stamp).
-export([stamp/2, plain/1]).
stamp(El, Id) ->
    El1 = jlib:replace_tag_attr(<<"stamp">>, Id, El),
    jlib:append_subtags(El1, [#xmlel{name = <<"acme">>}]).
plain(#xmlel{children = Els}) ->
    lists:map(fun stamp/2, jlib:remove_cdata(Els)).
"#,
    );
}

#[test]
fn what_reads_elements_is_in_the_library() {
    fixed(
        REMOVED,
        &to_6_3_1(
            r#"
-module(mod_acme_audit).
-export([note/1]).
note(Packet) ->
    Type = xml:get_tag_attr_s(<<"type">>, Packet),
    Body = xml:get_path_s(Packet, [{elem, <<"body">>}, cdata]),
    Lang = xml:get_path_s(Packet, [{elem, <<"body">>}, {attr, <<"xml:lang">>}]),
    Text = xml:get_cdata(Packet#xmlel.children),
    case xml:get_subtag(Packet, <<"receipt">>) of
        false -> {Type, Lang, Body};
        Receipt -> {Type, Lang, xml:get_tag_cdata(Receipt), Text}
    end.
"#,
        ),
        r#"
-module(mod_acme_audit).
-export([note/1]).
note(Packet) ->
    Type = exml_query:attr(Packet, <<"type">>, <<>>),
    Body = exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>),
    Lang = exml_query:path(Packet, [{element, <<"body">>}, {attr, <<"xml:lang">>}], <<>>),
    Text = exml_query:cdata(Packet),
    case exml_query:subelement(Packet, <<"receipt">>, false) of
        false -> {Type, Lang, Body};
        Receipt -> {Type, Lang, exml_query:cdata(Receipt), Text}
    end.
"#,
    );
}

#[test]
fn an_attribute_is_given_without_a_tag() {
    fixed(
        REMOVED,
        &to_6_3_1(
            r#"
-module(mod_acme_audit).
-export([first/1, last/1, guarded/1, any/1, is_typed/1]).
first(El) ->
    case xml:get_tag_attr(<<"id">>, El) of
        false -> none;
        {value, Id} -> Id
    end.
last(El) ->
    case xml:get_tag_attr(<<"type">>, El) of
        {value, <<"error">>} -> error;
        {value, Type} -> Type;
        false -> <<"normal">>
    end.
guarded(El) ->
    case xml:get_tag_attr(<<"id">>, El) of
        {value, Id} when byte_size(Id) > 8 -> long;
        {value, _} -> short;
        _ -> none
    end.
any(El) ->
    xml:get_tag_attr(<<"to">>, El) =/= false.
is_typed(El) ->
    {value, <<"chat">>} == xml:get_tag_attr(<<"type">>, El).
"#,
        ),
        r#"
-module(mod_acme_audit).
-export([first/1, last/1, guarded/1, any/1, is_typed/1]).
first(El) ->
    case exml_query:attr(El, <<"id">>) of
        undefined -> none;
        Id -> Id
    end.
last(El) ->
    case exml_query:attr(El, <<"type">>) of
        <<"error">> -> error;
        Type when Type =/= undefined -> Type;
        undefined -> <<"normal">>
    end.
guarded(El) ->
    case exml_query:attr(El, <<"id">>) of
        Id when Id =/= undefined, byte_size(Id) > 8 -> long;
        Value when Value =/= undefined -> short;
        _ -> none
    end.
any(El) ->
    exml_query:attr(El, <<"to">>) =/= undefined.
is_typed(El) ->
    <<"chat">> == exml_query:attr(El, <<"type">>).
"#,
    );
}

#[test]
fn a_match_that_failed_goes_on() {
    fixed_unsafely(
        REMOVED,
        "where it gave `false`, this match failed, and goes on with `undefined` now",
        &to_6_3_1(
            r#"
-module(mod_acme_audit).
-export([id/1]).
id(El) ->
    {value, Id} = xml:get_tag_attr(<<"id">>, El),
    Id.
"#,
        ),
        r#"
-module(mod_acme_audit).
-export([id/1]).
id(El) ->
    Id = exml_query:attr(El, <<"id">>),
    Id.
"#,
    );
}

#[test]
fn an_attribute_that_goes_on_as_a_whole() {
    let whole = "its result goes on as a whole";
    unfixed(REMOVED, whole, &to_6_3_1("-module(a).\n-export([f/1]).\nf(El) -> xml:get_tag_attr(<<\"id\">>, El).\n"));
    unfixed(
        REMOVED,
        "its result is bound to `Other`",
        &to_6_3_1(
            r#"
-module(a).
-export([f/1]).
f(El) ->
    case xml:get_tag_attr(<<"id">>, El) of
        {value, Id} -> Id;
        Other -> log(Other)
    end.
"#,
        ),
    );
    unfixed(
        REMOVED,
        "what becomes of it is not seen here",
        &to_6_3_1("-module(a).\n-export([f/0]).\nf() -> fun xml:get_tag_attr/2.\n"),
    );
    unfixed(
        REMOVED,
        "each `{elem, Name}` of the path",
        &to_6_3_1("-module(a).\n-export([f/2]).\nf(El, Path) -> xml:get_path_s(El, Path).\n"),
    );
}

#[test]
fn lists_of_attributes_are_lists_until_they_are_maps() {
    let code = r#"
-module(mod_acme_audit).
-export([type/1, id/1, kind/1]).
type(#xmlel{attrs = Attrs}) ->
    xml:get_attr_s(<<"type">>, Attrs).
id(#xmlel{attrs = Attrs}) ->
    case xml:get_attr(<<"id">>, Attrs) of
        {value, Id} -> Id;
        false -> none
    end.
kind(El) ->
    xml:get_attr_s(<<"kind">>, El#xmlel.attrs).
"#;
    fixed(
        REMOVED,
        &to_6_3_1(code),
        r#"
-module(mod_acme_audit).
-export([type/1, id/1, kind/1]).
type(#xmlel{attrs = Attrs}) ->
    proplists:get_value(<<"type">>, Attrs, <<>>).
id(#xmlel{attrs = Attrs}) ->
    case lists:keyfind(<<"id">>, 1, Attrs) of
        {_, Id} -> Id;
        false -> none
    end.
kind(El) ->
    exml_query:attr(El, <<"kind">>, <<>>).
"#,
    );
    fixed(
        REMOVED,
        &to_6_3_2(code),
        r#"
-module(mod_acme_audit).
-export([type/1, id/1, kind/1]).
type(#xmlel{attrs = Attrs}) ->
    maps:get(<<"type">>, Attrs, <<>>).
id(#xmlel{attrs = Attrs}) ->
    case maps:find(<<"id">>, Attrs) of
        {ok, Id} -> Id;
        error -> none
    end.
kind(El) ->
    exml_query:attr(El, <<"kind">>, <<>>).
"#,
    );
}

#[test]
fn a_name_that_is_no_binary_had_another_answer() {
    unfixed(
        REMOVED,
        "`\"type\"` is no binary",
        &to_6_3_1("-module(a).\n-export([f/1]).\nf(El) -> xml:get_tag_attr_s(\"type\", El).\n"),
    );
    fixed_unsafely(
        REMOVED,
        "`Name` has to be a binary now",
        &to_6_3_1("-module(a).\n-export([f/2]).\nf(El, Name) -> xml:get_tag_attr_s(Name, El).\n"),
        "-module(a).\n-export([f/2]).\nf(El, Name) -> exml_query:attr(El, Name, <<>>).\n",
    );
}

#[test]
fn modules_of_the_same_kind_of_name_are_others() {
    untouched(
        REMOVED,
        &to_6_3_1(
            r#"
-module(mod_acme_feed).
-export([read/1]).
read(Text) ->
    {ok, El} = exml:parse(Text),
    acme_xml:get_tag_attr(<<"id">>, El),
    exml_query:attr(El, <<"id">>, <<>>).
"#,
        ),
    );
}

#[test]
fn base64_and_translations() {
    fixed(
        REMOVED,
        &to_6_3_2(
            r#"
-module(mod_acme_avatar).
-export([image/1, welcome/2]).
image(Text) ->
    jlib:encode_base64(crypto:hash(sha, jlib:decode_base64(Text))).
welcome(Lang, Name) ->
    [translate:translate(Lang, <<"Welcome">>), Name].
"#,
        ),
        r#"
-module(mod_acme_avatar).
-export([image/1, welcome/2]).
image(Text) ->
    base64:encode(crypto:hash(sha, base64:mime_decode(Text))).
welcome(Lang, Name) ->
    [service_translations:do(Lang, <<"Welcome">>), Name].
"#,
    );
}

#[test]
fn the_credentials_are_added_and_nothing_is_lost() {
    untouched(
        PARAMS,
        &between(
            "6.3.1",
            "6.3.2",
            r#"
-module(mod_acme_login).
-export([start/2, sasl2_success/3]).
start(HostType, _Opts) ->
    gen_hook:add_handlers([{sasl2_success, HostType, fun ?MODULE:sasl2_success/3, #{}, 60}]).
sasl2_success(Acc, #{c2s_data := C2SData}, _Extra) ->
    acme_log:login(mongoose_c2s:get_jid(C2SData)),
    {ok, Acc}.
"#,
        ),
    );
}

fn removal(clauses: &str) -> String {
    format!(
        r#"
-module(mod_acme_devices).
-export([start/2, closed/3]).
start(HostType, _Opts) ->
    gen_hook:add_handlers([{{sm_remove_connection, HostType, fun ?MODULE:closed/3, #{{}}, 60}}]).
{clauses}"#
    )
}

#[test]
fn a_replaced_session_is_told_by_a_pair() {
    let before = removal(
        r#"
closed(Acc, #{jid := Jid, reason := <<"Replaced by new connection">>}, _Extra) ->
    devices:replaced(Jid),
    {ok, Acc};
closed(Acc, #{jid := Jid}, _Extra) ->
    devices:gone(Jid),
    {ok, Acc}.
"#,
    );
    let head = "closed(Acc, #{jid := Jid, reason := <<\"Replaced by new connection\">>}, _Extra) ->\n";
    let marker = "%%                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[changed-params]: `reason` of `sm_remove_connection` is never `<<\"Replaced by new connection\">>` in 6.3.3: this clause is never entered, and a later one silently takes over\n%% = rewrite: suggestion\n";
    check_rule(PARAMS, &to_6_3_3(&before.replace(head, &format!("{head}{marker}"))));
    fixed_unsafely(
        PARAMS,
        "ends with the reason with which its process ended",
        &to_6_3_3(&before),
        &before.replace("<<\"Replaced by new connection\">>", "{replaced, _}"),
    );
}

#[test]
fn a_replaced_session_that_is_chosen_in_a_case() {
    let before = removal(
        r#"
closed(Acc, #{jid := Jid, reason := Reason}, _Extra) ->
    case Reason of
        <<"Replaced by new connection">> -> devices:replaced(Jid);
        <<"User removed">> -> devices:forgotten(Jid);
        _ -> devices:gone(Jid)
    end,
    {ok, Acc}.
"#,
    );
    fixed_unsafely(
        PARAMS,
        "`Pid` is the process of the session",
        &to_6_3_3(&before),
        &before.replace("<<\"Replaced by new connection\">>", "{replaced, _}"),
    );
}

#[test]
fn other_reasons_are_as_they_were() {
    let clauses = [
        "closed(Acc, #{jid := Jid}, _Extra) ->\n    devices:gone(Jid),\n    {ok, Acc}.\n",
        "closed(Acc, #{jid := Jid, reason := normal}, _Extra) ->\n    devices:left(Jid),\n    {ok, Acc};\n\
         closed(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n",
        "closed(Acc, #{jid := Jid, reason := <<\"User removed\">>}, _Extra) ->\n    devices:left(Jid),\n    {ok, Acc};\n\
         closed(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n",
        "closed(Acc, #{jid := Jid, reason := {replaced, _}}, _Extra) ->\n    devices:replaced(Jid),\n    {ok, Acc};\n\
         closed(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n",
    ];
    for clauses in clauses {
        untouched(PARAMS, &to_6_3_3(&removal(clauses)));
    }
}

#[test]
fn reasons_of_a_session_that_ends_may_be_anything() {
    untouched(
        PARAMS,
        &to_6_3_3(
            r#"
-module(mod_acme_devices).
-export([start/2, ended/3]).
start(HostType, _Opts) ->
    gen_hook:add_handlers([{user_terminate, HostType, fun ?MODULE:ended/3, #{}, 60}]).
ended(Acc, #{reason := normal}, _Extra) ->
    {ok, Acc};
ended(Acc, #{c2s_data := C2SData, reason := Reason}, _Extra) when Reason =/= acme_kicked ->
    devices:lost(mongoose_c2s:get_jid(C2SData)),
    {ok, Acc};
ended(Acc, _Params, _Extra) ->
    {ok, Acc}.
"#,
        ),
    );
}

#[test]
fn the_peer_comes_without_its_port() {
    fixed_unsafely(
        PARAMS,
        "`ip` is the peer's address",
        &to_6_4_0(
            r#"
-module(mod_acme_blocklist).
-export([start/2, check/3]).
start(_HostType, _Opts) ->
    gen_hook:add_handlers([{check_bl_c2s, global, fun ?MODULE:check/3, #{}, 50}]).
check(_Acc, #{ip := {IP, _Port}}, _Extra) ->
    {stop, acme_blocklist:has(IP)}.
"#,
        ),
        r#"
-module(mod_acme_blocklist).
-export([start/2, check/3]).
start(_HostType, _Opts) ->
    gen_hook:add_handlers([{check_bl_c2s, global, fun ?MODULE:check/3, #{}, 50}]).
check(_Acc, #{ip := IP}, _Extra) ->
    {stop, acme_blocklist:has(IP)}.
"#,
    );
}

#[test]
fn a_port_that_is_used_is_gone() {
    unfixed(
        PARAMS,
        "`{IP, Port}` is never given as `ip` any more",
        &to_6_4_0(
            r#"
-module(mod_acme_blocklist).
-export([start/2, check/3]).
start(_HostType, _Opts) ->
    gen_hook:add_handlers([{check_bl_c2s, global, fun ?MODULE:check/3, #{}, 50}]).
check(_Acc, #{ip := {IP, Port}}, _Extra) ->
    {stop, acme_blocklist:has(IP, Port)}.
"#,
        ),
    );
}

#[test]
fn sockets_are_those_of_all_connections() {
    fixed(
        REMOVED,
        &to_6_4_0(
            r#"
-module(mod_acme_conn).
-export([peer/1, kind/1, close/1]).
peer(C2SData) ->
    mongoose_c2s_socket:get_ip(mongoose_c2s:get_socket(C2SData)).
kind(Socket) ->
    case mongoose_c2s_socket:get_conn_type(Socket) of
        c2s_tls -> secure;
        c2s -> plain
    end.
close(Socket) ->
    mongoose_c2s_socket:close(Socket).
"#,
        ),
        r#"
-module(mod_acme_conn).
-export([peer/1, kind/1, close/1]).
peer(C2SData) ->
    mongoose_xmpp_socket:get_ip(mongoose_c2s:get_socket(C2SData)).
kind(Socket) ->
    case mongoose_xmpp_socket:get_conn_type(Socket) of
        tls -> secure;
        tcp -> plain
    end.
close(Socket) ->
    mongoose_xmpp_socket:close(Socket).
"#,
    );
}

#[test]
fn what_comes_from_components_and_addresses() {
    fixed_unsafely(
        REMOVED,
        "Components are registered one by one",
        &to_6_4_0(
            r#"
-module(mod_acme_gateway).
-export([start/1]).
start(Domain) ->
    Handler = mongoose_packet_handler:new(?MODULE),
    mongoose_component:register_components([Domain], node(), Handler, false).
"#,
        ),
        r#"
-module(mod_acme_gateway).
-export([start/1]).
start(Domain) ->
    Handler = mongoose_packet_handler:new(?MODULE),
    mongoose_component:register_component(Domain, node(), Handler, false, false).
"#,
    );
    fixed(
        REMOVED,
        &to_6_4_0(
            r#"
-module(mod_acme_gateway).
-export([readdress/3]).
readdress(From, To, #xmlel{attrs = Attrs} = El) ->
    El#xmlel{attrs = jlib:replace_from_to_attrs(jid:to_binary(From), jid:to_binary(To), Attrs)}.
"#,
        ),
        r#"
-module(mod_acme_gateway).
-export([readdress/3]).
readdress(From, To, #xmlel{attrs = Attrs} = El) ->
    El#xmlel{attrs = maps:merge(Attrs, #{<<"from">> => jid:to_binary(From), <<"to">> => jid:to_binary(To)})}.
"#,
    );
    unfixed(
        REMOVED,
        "`undefined` is no binary",
        &to_6_4_0("-module(a).\n-export([f/2]).\nf(From, As) -> jlib:replace_from_to_attrs(From, undefined, As).\n"),
    );
}

#[test]
fn functions_that_stay_are_not_told() {
    untouched(
        REMOVED,
        &to_6_4_0(
            r#"
-module(mod_acme_gateway).
-export([out/3, domain/1]).
out(From, To, El) ->
    ejabberd_router:route(From, To, jlib:replace_from_to(From, To, El)).
domain(Domain) ->
    mongoose_component:has_component(Domain).
"#,
        ),
    );
}
