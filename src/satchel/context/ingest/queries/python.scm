; Captures are explained in ../code.py.
(class_definition name: (identifier) @name) @class
(function_definition name: (identifier) @name) @function
(module (expression_statement (assignment left: (identifier) @name) @constant))
(module (expression_statement (assignment left: (pattern_list (identifier) @name)) @constant))
(class_definition body: (block
  (expression_statement (assignment left: (identifier) @name) @constant)))
(module (type_alias_statement left: (type (identifier) @name)) @alias)

(import_statement name: (dotted_name) @from)
(import_statement name: (aliased_import name: (dotted_name) @from))
(import_from_statement module_name: (_) @from name: (dotted_name) @import)
(import_from_statement module_name: (_) @from name: (aliased_import name: (dotted_name) @import))
(import_from_statement module_name: (_) @from (wildcard_import) @import)

(call function: (identifier) @ref)
(call function: (attribute attribute: (identifier) @ref))
(class_definition superclasses: (argument_list [
  (identifier) @ref
  (attribute attribute: (identifier) @ref)]))
(decorator [(identifier) @ref (attribute attribute: (identifier) @ref)])
(type (identifier) @ref)
(type (attribute attribute: (identifier) @ref))
(except_clause value: [(identifier) @ref (attribute attribute: (identifier) @ref)])
