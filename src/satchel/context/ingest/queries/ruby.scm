; Captures are explained in ../code.py.
(module name: (_) @name) @module
(class name: (_) @name) @class
(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(program (assignment left: (constant) @name) @constant)
(body_statement (assignment left: (constant) @name) @constant)

(call method: (identifier) @_require arguments: (argument_list . (string (string_content) @from))
  (#any-of? @_require "require" "require_relative" "load" "autoload"))

(call method: [(identifier) (constant)] @ref)
(constant) @ref
(superclass (constant) @ref)
