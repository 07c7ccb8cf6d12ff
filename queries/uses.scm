; What code uses of other modules, record by record and call by call. Run on one form at a time.
; Each pattern's captures are read by name in src/syntax/uses.rs.

; module:function(...)
(remote
  module: (remote_module module: (atom) @call.module)
  fun: (call
    expr: (atom) @call.function
    args: (expr_args) @call.args)) @call

; fun module:function/arity
(external_fun
  module: (module name: (atom) @fun.module)
  fun: (atom) @fun.function
  arity: (arity value: (integer) @fun.arity)) @fun

; apply(module, function, [...]), and whatever else takes the three in a row: spawn, rpc:call, timer:apply_after
(expr_args
  args: (atom) @applied.module
  . args: (atom) @applied.function
  . args: (list) @applied.args)

; {module, function, [...]}, as in child specifications
(tuple
  expr: (atom) @applied.module
  . expr: (atom) @applied.function
  . expr: (list) @applied.args)

; -import(module, [function/arity]).
(import_attribute
  module: (atom) @import.module
  funs: (fa
    fun: (atom) @import.function
    arity: (arity value: (integer) @import.arity)) @import)

; Record#name.field
(record_field_expr
  name: (record_name name: (atom) @record)
  field: (record_field_name name: (atom) @field))

; #name.field
(record_index_expr
  name: (record_name name: (atom) @record)
  field: (record_field_name name: (atom) @field))

; #name{field = Value}
(record_expr
  name: (record_name name: (atom) @record)
  fields: (record_field name: (atom) @field))

; Record#name{field = Value}
(record_update_expr
  name: (record_name name: (atom) @record)
  fields: (record_field name: (atom) @field))
