; Captures are explained in ../code.py.
(function_definition declarator: (function_declarator declarator: (identifier) @name)) @function
(function_definition declarator: (pointer_declarator
  declarator: (function_declarator declarator: (identifier) @name))) @function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator
  declarator: (function_declarator declarator: (identifier) @name)))) @function
(preproc_function_def name: (identifier) @name) @function
(struct_specifier name: (type_identifier) @name body: (_)) @class
(union_specifier name: (type_identifier) @name body: (_)) @class
(enum_specifier name: (type_identifier) @name body: (_)) @type
(type_definition type: [
  (struct_specifier !name body: (_))
  (union_specifier !name body: (_))
  (enum_specifier !name body: (_))] declarator: (type_identifier) @name) @type
(type_definition declarator: (type_identifier) @name) @alias
(type_definition declarator: (function_declarator declarator: (parenthesized_declarator
  (pointer_declarator declarator: (type_identifier) @name)))) @alias
(preproc_def name: (identifier) @name value: (_)) @constant
(translation_unit (declaration declarator: (init_declarator declarator: [
  (identifier) @name
  (array_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (identifier) @name)])) @constant)
(enumerator name: (identifier) @name) @constant

(preproc_include path: (system_lib_string) @from)
(preproc_include path: (string_literal (string_content) @from))

(call_expression function: (identifier) @ref)
(call_expression function: (field_expression field: (field_identifier) @ref))
(type_identifier) @ref
