%% Stand-in: enough of the configuration records for config_spec/0.
-ifndef(ACME_STUB_CONFIG_SPEC).
-define(ACME_STUB_CONFIG_SPEC, true).

-record(section, {items = #{}, required = [], defaults = #{}}).
-record(list, {items, validate = any}).
-record(option, {type, validate = any, process}).

-endif.
