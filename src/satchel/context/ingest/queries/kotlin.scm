; Captures are explained in ../code.py.
(package_header (qualified_identifier) @name) @namespace
(class_declaration name: (identifier) @name) @class
(object_declaration name: (identifier) @name) @class
(companion_object (#set! name "Companion")) @container
(type_alias type: (identifier) @name) @alias
(function_declaration name: (identifier) @name) @function
(secondary_constructor (#set! name "constructor")) @function
(source_file (property_declaration (variable_declaration (identifier) @name)) @constant)
(class_body (property_declaration (variable_declaration (identifier) @name)) @constant)
(enum_entry (identifier) @name) @constant

(import) @use

(call_expression . (identifier) @ref)
(call_expression . (navigation_expression (identifier) @ref .))
(constructor_invocation (user_type (identifier) @ref))
(user_type (identifier) @ref)
