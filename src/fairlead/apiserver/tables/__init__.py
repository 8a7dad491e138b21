"""Tables, the form in which kubectl asks for what it prints: columns of every type, and what stands in their cells."""
