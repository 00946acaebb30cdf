; Captures are explained in ../code.py.
(struct_item name: (type_identifier) @name) @class
(union_item name: (type_identifier) @name) @class
(enum_item name: (type_identifier) @name) @type
(trait_item name: (type_identifier) @name) @type
(type_item name: (type_identifier) @name) @alias
(impl_item type: [
  (type_identifier) @name
  (generic_type type: (type_identifier) @name)
  (scoped_type_identifier name: (type_identifier) @name)
  (reference_type type: (type_identifier) @name)]) @container
(mod_item name: (identifier) @name body: (_)) @module
(function_item name: (identifier) @name) @function
(macro_definition name: (identifier) @name) @function
(function_signature_item name: (identifier) @name) @signature
(source_file [(const_item name: (identifier) @name) (static_item name: (identifier) @name)]
  @constant)
(declaration_list [(const_item name: (identifier) @name) (static_item name: (identifier) @name)]
  @constant)

(use_declaration argument: (_) @use)
(mod_item name: (identifier) @from !body)

(call_expression function: (identifier) @ref)
(call_expression function: (field_expression field: (field_identifier) @ref))
(call_expression function: (scoped_identifier name: (identifier) @ref))
(call_expression function: (generic_function function: [
  (identifier) @ref
  (scoped_identifier name: (identifier) @ref)
  (field_expression field: (field_identifier) @ref)]))
(macro_invocation macro: (identifier) @ref)
(scoped_identifier path: (identifier) @ref)
(type_identifier) @ref
