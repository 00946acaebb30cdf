; Captures are explained in ../code.py.
(package_declaration (_) @name) @namespace
(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @type
(enum_declaration name: (identifier) @name) @type
(annotation_type_declaration name: (identifier) @name) @type
(method_declaration name: (identifier) @name body: (_)) @function
(method_declaration name: (identifier) @name !body) @signature
(constructor_declaration name: (identifier) @name) @function
(compact_constructor_declaration name: (identifier) @name) @function
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @constant

(import_declaration) @use

(method_invocation name: (identifier) @ref)
(method_reference (identifier) @ref .)
(object_creation_expression type: [
  (type_identifier) @ref
  (generic_type . (type_identifier) @ref)])
(type_identifier) @ref
(annotation name: (identifier) @ref)
(marker_annotation name: (identifier) @ref)
(method_invocation object: (identifier) @ref (#match? @ref "^[A-Z]"))
