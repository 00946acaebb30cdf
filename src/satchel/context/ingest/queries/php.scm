; Captures are explained in ../code.py.
(namespace_definition name: (namespace_name) @name) @namespace
(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @type
(trait_declaration name: (name) @name) @class
(enum_declaration name: (name) @name) @type
(function_definition name: (name) @name) @function
(method_declaration name: (name) @name body: (_)) @function
(method_declaration name: (name) @name !body) @signature
(const_declaration (const_element . (name) @name)) @constant
(property_declaration (property_element name: (variable_name (name) @name))) @constant
(enum_case name: (name) @name) @constant

(namespace_use_declaration) @use
(require_once_expression (string (string_content) @from))
(require_expression (string (string_content) @from))
(include_once_expression (string (string_content) @from))
(include_expression (string (string_content) @from))

(function_call_expression function: [(name) @ref (qualified_name (name) @ref)])
(member_call_expression name: (name) @ref)
(nullsafe_member_call_expression name: (name) @ref)
(scoped_call_expression name: (name) @ref)
(scoped_call_expression scope: [(name) @ref (qualified_name (name) @ref)])
(object_creation_expression [(name) @ref (qualified_name (name) @ref)])
(base_clause [(name) @ref (qualified_name (name) @ref)])
(class_interface_clause [(name) @ref (qualified_name (name) @ref)])
(named_type [(name) @ref (qualified_name (name) @ref)])
(use_declaration [(name) @ref (qualified_name (name) @ref)])
(class_constant_access_expression . [(name) @ref (qualified_name (name) @ref)])
(attribute [(name) @ref (qualified_name (name) @ref)])
