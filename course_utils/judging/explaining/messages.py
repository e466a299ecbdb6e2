"""What messages mean, by patterns, where it helps to know what the variables on the line held."""

from __future__ import annotations

MESSAGES = (  # "{0}" stands for the first group
    (
        r"^Unrecognized data type: x=",
        "A model computes with arrays. The data are one array, or a list with one for each input; "
        "something that is none is given or stands in the list.",
    ),
    (
        r"Value for attr '\w+' of bool is not in the list of allowed values",
        "Truth values take part in a computation of numbers. `keras.ops.cast` makes numbers of "
        "them.",
    ),
    (
        r"^Invalid dtype: (list|tuple|dict)$",
        "A tensor and a {0} are combined. `+`, for one, joins a list to another list only.",
    ),
    (
        r"^array is not broadcastable to correct shape$",
        "`np.add.at(a, i, b)` adds `b` to the rows `a[i]`, and needs their shape. For columns, "
        "give it `a.T` and `b.T`.",
    ),
    (
        r"arrays to stack must be passed as a",
        "A view such as `.values()`, or a generator, is no list. Put `list(...)` around it.",
    ),
    (
        r"order must be str, not int",
        "An array's `.flatten()` takes no axis, unlike PyTorch's: it makes one row of all numbers. "
        "`.reshape(sizes)` brings an array into any shape.",
    ),
    (
        r"negative dimensions are not allowed",
        "A new array is to have an axis of a length below 0.",
    ),
    (
        r"Cannot interpret '.*' as a data type|data type .* not understood",
        "The shape of a new array is one argument: with several sizes, a tuple in brackets of its "
        "own. What comes after it is a dtype, such as `int` or `float`.",
    ),
    (
        r"unhashable type: 'slice'",
        "A dict is not cut by `[a:b]`, only lists, texts and arrays are.",
    ),
    (
        r"unhashable type: '([\w.]+)'",
        "A value of type {0} is used as a key or put into a set. A key must be a text or a number.",
    ),
    (
        r"'(?:builtin_function_or_)?method' object is not subscriptable",
        "Square brackets follow a method that is not called: it needs its own brackets, `()`.",
    ),
    (
        r"'axis' is an invalid keyword argument for (?:sum|max|min)\(|"
        r"^(?:sum|max|min)\(\) got an unexpected keyword argument 'axis'",
        "Python's own `sum`, `max` and `min` take no axis: NumPy's `np.sum` and the like do.",
    ),
    (
        r"'(\w+)' object is not subscriptable",
        "Square brackets ask for an element, and the value before them is of type {0}, which has "
        "none.",
    ),
    (
        r"'int' object is not iterable",
        "A loop, an assignment to several names, or a function such as `sum` reads elements, and "
        "meets one whole number. (`range(n)` counts from 0 to n - 1.)",
    ),
    (
        r"'([\w.]+)' object is not iterable",
        "A loop, an assignment to several names, or a function such as `sum` reads the elements of "
        "a value of type {0}, which has none.",
    ),
    (
        r"object of type '(\w+)' has no len",
        "The length of a value of type {0} is asked for, and it has none. Is it the right value?",
    ),
    (
        r"'(tuple|str)' object does not support item assignment",
        "The left side writes into a value of type {0}, which cannot be changed. Make a new one, "
        "or a list.",
    ),
    (
        r"'([\w.]+)' object does not support item assignment",
        "The left side writes to an element of a value of type {0}, which has none. Write into the "
        "array you have made.",
    ),
    (
        r"bad operand type for unary .{1,3}: '(\w+)'",
        "A sign stands before a value of type {0}, which is no number.",
    ),
    (
        r"not supported between instances of '([\w.]+)' and '([\w.]+)'",
        "A value of type {0} is compared with one of type {1}, on this line or in a function that "
        "it calls. Are both what you mean?",
    ),
    (
        r"unsupported operand type\(s\) for (.{1,4}?)(?: or pow\(\))?: '([\w.]+)' and '([\w.]+)'",
        "`{0}` stands between a value of type {1} and one of type {2}, which it cannot combine.",
    ),
    (
        r"setting an array element with a sequence|only (?:length-1|0-dimensional|size-1) arrays",
        "A place for one number gets a whole array.",
    ),
    (
        r"too many values to unpack \(expected (\d+)",
        "{0} names are to be filled at once, and more values come. Look at what each of them is: "
        "what a function returns, or the items that a loop goes through.",
    ),
    (
        r"not enough values to unpack \(expected (\d+), got (\d+)",
        "{0} names are to be filled at once, and the number of values that come is {1}. Look at "
        "what each of them is: what a function returns, or the items that a loop goes through.",
    ),
    (
        r"[Tt]ruth value of an array",
        "An array of several numbers stands where one yes or no is needed: in a condition, or as "
        "an argument that should be a number.",
    ),
    (
        r"(?:array|destination) is read-only",
        "NumPy lets nobody write into an array that `np.broadcast_to`, for one, has spread out: "
        "write into its `.copy()`.",
    ),
    (
        r"axis -?\d+ is out of bounds for array of dimension 0",
        "An axis is asked of a single number, which has none.",
    ),
    (
        r"axis (-?\d+) is out of bounds for array of dimension (\d+)",
        "Axis {0} is asked of an array that has {1} axes; they are counted from 0.",
    ),
    (
        r"could not convert string to float|invalid literal for int",
        "A text stands where a number belongs. (Reading the elements of a dict gives its keys.)",
    ),
    (
        r"Cannot cast ufunc '\w+' output from dtype\('O'\)",
        "Something that is no number, such as None or a list, takes part in this computation.",
    ),
    (
        r"ufunc '\w+' did not contain a loop with signature matching types.*(?:dtype\('<U|StrD)",
        "A text takes part in a computation or comparison with numbers.",
    ),
    (
        r"Cannot cast ufunc '\w+' output from dtype\('(\w+)'\) to dtype\('(\w+)'\)",
        "An assignment such as `/=` or `+=` writes back into the same array, whose numbers are of "
        "type {1} and cannot hold {0}. Make a new array: `new = old / 2` and not `old /= 2`.",
    ),
    (
        r"arrays used as indices must be of integer",
        "An array is used as an index, and its numbers are stored as floats. An index has whole "
        "numbers (`dtype=int`) or truth values.",
    ),
    (
        r"invalid index to scalar variable",
        "Square brackets ask for an element of a single number, which has none.",
    ),
    (
        r"float\(\) argument must be a string or a real number, not '(\w+)'",
        "A place for a number gets a value of type {0}.",
    ),
    (
        r"need at least one array to",
        "The list of what is to be joined is empty: is something appended to it before?",
    ),
    (
        r"except for the concatenation axis must match exactly",
        "The arrays that are joined may differ in length along the axis on which they are joined, "
        "and along no other.",
    ),
    (
        r"all input arrays must have the same shape",
        "`np.stack` lays arrays of one shape along a new axis. Along an axis that they have, "
        "`np.concatenate` joins them.",
    ),
    (
        r"shape-mismatch for sum",
        "`np.tensordot` sums over axes in pairs, and two of a pair are not equally long.",
    ),
    (
        r"object too deep for desired array",
        "An array with several axes stands where one with a single axis is needed.",
    ),
    (
        r"matmul: Input operand \d does not have enough dimensions",
        "`@` takes no single numbers, nor what counts as one, such as a dict. A number multiplies "
        "an array with `*`.",
    ),
    (
        r"einstein sum subscripts string contains too many subscripts for operand (\d+)",
        "`np.einsum` is given more letters for operand {0} (counted from 0) than it has axes.",
    ),
    (
        r"operand has more dimensions than subscripts given in einstein sum",
        "`np.einsum` is given fewer letters for an operand than it has axes.",
    ),
    (
        r"(fewer|more) operands provided to einstein sum function",
        "`np.einsum` gets {0} arrays than its text has parts between commas.",
    ),
    (
        r"repeated axis in transpose",
        "`transpose` names an axis twice: it takes each once.",
    ),
    (
        r"zip\(\) argument \d+ is (shorter|longer) than",
        "`zip(..., strict=True)` pairs what is equally long, and one of these is {0}.",
    ),
    (
        r"cannot unpack non-iterable ([\w.]+) object",
        "Several names are to be filled from a value of type {0}, which holds no others.",
    ),
    (
        r"got an unexpected keyword argument '(?:dim|keepdim)'",
        "`dim` and `keepdim` are PyTorch's words. NumPy and Keras say `axis` and `keepdims`.",
    ),
    (
        r"^(\w+)\(\) takes (from \d+ to \d+|\d+) positional arguments? but (\d+)",
        "`{0}` takes {1} arguments and is given {2}.",
    ),
    (
        r"(\w+)\(\) got an unexpected keyword argument '(\w+)'",
        "`{0}` takes no argument `{1}`.",
    ),
    (
        r"got multiple values for argument '(\w+)'",
        "`{0}` is given twice: by its name and by its place. An array's own method, for one, does "
        "not take an array as well.",
    ),
    (
        r"negative dimensions are not allowed|can only specify one unknown dimension",
        "The sizes of an array are 0 or more; in `reshape`, one may be -1.",
    ),
    (
        r"(\d)-dimensional array given. Array must be at least two-dimensional",
        "A matrix is needed, and what arrives has {0} axes.",
    ),
    (
        r"changed size during iteration",
        "A loop goes through a dict or set that grows or shrinks meanwhile. Fill another one.",
    ),
    (
        r"boolean index did not match.*size of axis is (\d+) but .* is (\d+)",
        "A mask chooses along an axis that has {0} places, and has itself {1}.",
    ),
    (
        r"indexing arrays could not be broadcast together",
        "Arrays that are used as indices side by side must have shapes that fit each other.",
    ),
    (
        r"^(.*) is not in list",
        "`.index` looks for {0} in a list that does not have it.",
    ),
    (
        r"can't multiply sequence by non-int of type '(?:\w+\.)*float\d*'",
        "A text, list or tuple is multiplied by a number with decimals. Should it be an array?",
    ),
    (
        r"can't multiply sequence by non-int of type '([\w.]+)'",
        "A text, list or tuple is repeated by a whole number, and here by a value of type {0}.",
    ),
    (
        r"Integers to negative integer powers",
        "NumPy raises whole numbers to no negative power. Make one of the two a float.",
    ),
    (
        r"ufunc 'bitwise_\w+' not supported for the input types",
        "`&` and `|` join truth values or whole numbers, and floats take part here, be they 0.0 "
        "and 1.0.",
    ),
    (
        r"loop of ufunc does not support argument \d of type (\w+)",
        "A value of type {0} takes part in a computation with numbers.",
    ),
    (
        r"output array is not acceptable",
        "An array's own `.dot` takes the other array alone; a second one would be written to. "
        "Write `u.dot(v)` or `np.dot(u, v)`.",
    ),
    (
        r"can only concatenate (\w+) \(not \"([\w.]+)\"\) to",
        "`+` joins a {0} to another {0} only, and gets a value of type {1}.",
    ),
    (
        r"numpy boolean (?:negative|subtract)",
        "Truth values are neither subtracted nor given a sign: `~mask` turns them round.",
    ),
    (
        r"zero-dimensional arrays cannot be concatenated",
        "A number, or what counts as one, such as a dict, stands where an array is to be joined.",
    ),
)
