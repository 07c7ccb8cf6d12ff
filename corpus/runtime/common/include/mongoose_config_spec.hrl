%% Stand-in: enough of the configuration records for config_spec/0.
-record(section, {items = #{}, required = [], defaults = #{}}).
-record(list, {items, validate = any}).
-record(option, {type, validate = any, process}).
