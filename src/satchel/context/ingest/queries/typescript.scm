; Captures are explained in ../code.py.
(class_declaration name: (type_identifier) @name) @class
(abstract_class_declaration name: (type_identifier) @name) @class
(variable_declarator name: (identifier) @name value: (class)) @class
(export_statement value: (class !name) @class (#set! name "default"))
(interface_declaration name: (type_identifier) @name) @type
(enum_declaration name: (identifier) @name) @type
(type_alias_declaration name: (type_identifier) @name) @type
(internal_module name: (_) @name) @module
(module name: (identifier) @name) @module
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
(public_field_definition name: (_) @name
  value: [(arrow_function) (function_expression)]) @function
(export_statement value: [(arrow_function) (function_expression)] @function
  (#set! name "default"))
(function_signature name: (identifier) @name) @signature
(method_signature name: (property_identifier) @name) @signature
(abstract_method_signature name: (property_identifier) @name) @signature

(program (lexical_declaration (variable_declarator name: (identifier) @name) @constant))
(program (variable_declaration (variable_declarator name: (identifier) @name) @constant))
(program (export_statement (lexical_declaration
  (variable_declarator name: (identifier) @name) @constant)))
(class_body (public_field_definition name: (property_identifier) @name) @constant)

(import_statement source: (string (string_fragment) @from))
(import_statement
  (import_clause (identifier) @import) source: (string (string_fragment) @from))
(import_statement
  (import_clause (named_imports (import_specifier name: (identifier) @import)))
  source: (string (string_fragment) @from))
(import_statement (import_require_clause source: (string (string_fragment) @from)))
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
(extends_clause value: [
  (identifier) @ref
  (member_expression property: (property_identifier) @ref)])
(type_identifier) @ref
(decorator (identifier) @ref)
