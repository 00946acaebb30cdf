; Captures are explained in ../code.py.
(function_definition name: (word) @name) @function
(program (variable_assignment name: (variable_name) @name) @constant)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @constant)

(command name: (command_name (word) @_source) . argument: [
  (word) @from
  (string) @from
  (concatenation) @from]
  (#any-of? @_source "source" "."))

(command name: (command_name (word) @ref))
