; Captures are explained in ../code.py.
(namespace_declaration name: (_) @name) @namespace
(file_scoped_namespace_declaration name: (_) @name) @namespace
(class_declaration name: (identifier) @name) @class
(struct_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @type
(enum_declaration name: (identifier) @name) @type
(delegate_declaration name: (identifier) @name) @alias
(method_declaration name: (identifier) @name body: (_)) @function
(method_declaration name: (identifier) @name !body) @signature
(constructor_declaration name: (identifier) @name) @function
(destructor_declaration name: (identifier) @name) @function
(operator_declaration operator: _ @name) @function
(property_declaration name: (identifier) @name) @constant
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name)))
  @constant
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name)))
  @constant
(enum_member_declaration name: (identifier) @name) @constant

(using_directive) @use

(invocation_expression function: [
  (identifier) @ref
  (generic_name (identifier) @ref)
  (member_access_expression name: [(identifier) @ref (generic_name (identifier) @ref)])
  (conditional_access_expression (member_binding_expression name: (identifier) @ref))])
(object_creation_expression type: [
  (identifier) @ref
  (generic_name (identifier) @ref)
  (qualified_name name: (identifier) @ref)])
(base_list [(identifier) @ref (generic_name (identifier) @ref) (qualified_name name: (_) @ref)])
(parameter type: [(identifier) @ref (generic_name (identifier) @ref)])
(variable_declaration type: [(identifier) @ref (generic_name (identifier) @ref)])
(method_declaration returns: [(identifier) @ref (generic_name (identifier) @ref)])
(property_declaration type: [(identifier) @ref (generic_name (identifier) @ref)])
(type_argument_list (identifier) @ref)
(attribute name: (identifier) @ref)
(member_access_expression expression: (identifier) @ref (#match? @ref "^[A-Z]"))
