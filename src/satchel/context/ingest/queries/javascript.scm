; Captures are explained in ../code.py.
(class_declaration name: (identifier) @name) @class
(variable_declarator name: (identifier) @name value: (class)) @class
(export_statement value: (class !name) @class (#set! name "default"))
(export_statement value: (class name: (identifier) @name) @class)
[
  (function_declaration name: (identifier) @name)
  (generator_function_declaration name: (identifier) @name)
] @function
(method_definition name: (_) @name) @function
(variable_declarator name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @function
(variable_declarator name: (identifier) @name
  value: (call_expression arguments: (arguments . [(arrow_function) (function_expression)] .)))
  @function
(variable_declarator name: (identifier) @name
  value: (assignment_expression right: [(arrow_function) (function_expression)])) @function
(assignment_expression left: [(member_expression) (identifier)] @name
  right: [(arrow_function) (function_expression) (generator_function)]) @function
(pair key: (property_identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @function
(field_definition property: (_) @name value: [(arrow_function) (function_expression)]) @function
(export_statement value: [(arrow_function) (function_expression)] @function
  (#set! name "default"))

(program (lexical_declaration (variable_declarator name: (identifier) @name) @constant))
(program (variable_declaration (variable_declarator name: (identifier) @name) @constant))
(program (export_statement (lexical_declaration
  (variable_declarator name: (identifier) @name) @constant)))
(class_body (field_definition property: (property_identifier) @name) @constant)

(import_statement source: (string (string_fragment) @from))
(import_statement
  (import_clause (identifier) @import) source: (string (string_fragment) @from))
(import_statement
  (import_clause (named_imports (import_specifier name: (identifier) @import)))
  source: (string (string_fragment) @from))
(export_statement source: (string (string_fragment) @from))
(export_statement (export_clause (export_specifier name: (identifier) @import))
  source: (string (string_fragment) @from))
(call_expression function: (identifier) @_require
  arguments: (arguments . (string (string_fragment) @from))
  (#eq? @_require "require"))
(call_expression function: (import) arguments: (arguments . (string (string_fragment) @from)))

(call_expression function: (identifier) @ref)
(call_expression function: (member_expression property: (property_identifier) @ref))
(new_expression constructor: [
  (identifier) @ref
  (member_expression property: (property_identifier) @ref)])
(class_heritage [(identifier) @ref (member_expression property: (property_identifier) @ref)])
(decorator [(identifier) @ref (call_expression function: (identifier) @ref)])
(jsx_opening_element name: (identifier) @ref)
(jsx_self_closing_element name: (identifier) @ref)
