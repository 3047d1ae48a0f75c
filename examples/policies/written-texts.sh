# A program that judges: it reads the plan as JSON, and ends with 1 where the plan is not in order. What it prints are the
# reasons.
if grep -q '"content":"[^"]*lorem ipsum'; then
    echo "Nobody has written the text yet."
    exit 1
fi
