; Captures are explained in ../code.py.
(class_declaration name: (type_identifier) @name) @class
(class_declaration name: (user_type) @name) @container
(protocol_declaration name: (type_identifier) @name) @type
(typealias_declaration name: (type_identifier) @name) @alias
(function_declaration name: (simple_identifier) @name) @function
(protocol_function_declaration name: (simple_identifier) @name) @signature
(init_declaration (#set! name "init")) @function
(deinit_declaration (#set! name "deinit")) @function
(subscript_declaration (#set! name "subscript")) @function
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name))
  @constant)
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name))
  @constant)
(enum_entry name: (simple_identifier) @name) @constant

(import_declaration) @use

(call_expression . (simple_identifier) @ref)
(call_expression . (navigation_expression
  suffix: (navigation_suffix suffix: (simple_identifier) @ref)))
(type_identifier) @ref
