; Captures are explained in ../code.py.
(class_specifier name: (_) @name body: (_)) @class
(struct_specifier name: (_) @name body: (_)) @class
(union_specifier name: (type_identifier) @name body: (_)) @class
(enum_specifier name: (type_identifier) @name body: (_)) @type
(concept_definition name: (identifier) @name) @type
(type_definition declarator: (type_identifier) @name) @alias
(alias_declaration name: (type_identifier) @name) @alias
(function_definition declarator: (function_declarator declarator: [
  (identifier) (field_identifier) (qualified_identifier) (operator_name) (destructor_name)
  (template_function)] @name)) @function
(function_definition declarator: (pointer_declarator declarator: (function_declarator
  declarator: [
  (identifier) (field_identifier) (qualified_identifier) (operator_name) (destructor_name)
  (template_function)] @name))) @function
(function_definition declarator: (reference_declarator (function_declarator declarator: [
  (identifier) (field_identifier) (qualified_identifier) (operator_name) (destructor_name)
  (template_function)] @name))) @function
(function_definition declarator: (operator_cast) @name) @function
(preproc_function_def name: (identifier) @name) @function
(preproc_def name: (identifier) @name value: (_)) @constant
(translation_unit (declaration declarator: (init_declarator declarator: (identifier) @name))
  @constant)
(namespace_definition body: (declaration_list
  (declaration declarator: (init_declarator declarator: (identifier) @name)) @constant))
(field_declaration_list (field_declaration
  (storage_class_specifier) declarator: (field_identifier) @name) @constant)

(preproc_include path: (system_lib_string) @from)
(preproc_include path: (string_literal (string_content) @from))

(call_expression function: [
  (identifier) @ref
  (field_expression field: (field_identifier) @ref)
  (qualified_identifier name: [
    (identifier) @ref
    (template_function name: (identifier) @ref)
    (qualified_identifier name: (identifier) @ref)])
  (template_function name: (identifier) @ref)])
(type_identifier) @ref
